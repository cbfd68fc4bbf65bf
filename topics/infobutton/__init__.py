"""HL7 Infobutton: record systems ask by code what the portal has, and about whom is forgotten.

Context-aware knowledge retrieval, URL-based implementation guide (release 4) and service-oriented
implementation guide (release 1). Of a request, what was asked for is read; what is told of a
patient is at the most given back, and neither logged nor kept.
"""
