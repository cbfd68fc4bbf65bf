"""The published content as HL7 FHIR R5 (5.0.0): read, versioned read and simple search.

A topic is a Composition, and a document Bundle with all that it rests on; a publication is a
Citation, the certainty of a statement an ArtifactAssessment, the page a DocumentReference.
"""
