"""What assistants (language models) may ask: the same editions and listings as readers, read only.

`answers` says what is told, in plain dictionaries; `server` speaks the Model Context Protocol.
"""
