"""The reference library as topics use it: what comes in is indexed and logged."""
