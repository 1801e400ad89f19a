"""The sections of a scenario file: one closed model per subject, composed by ``costmodel.scenario``."""
