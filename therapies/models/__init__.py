"""The clinical structure: four kinds of topics, and the tables that join them."""

from therapies.models.kinds import Agent, Complication, Condition, Therapy
from therapies.models.listed import ListedIndication
from therapies.models.tables import (
    Benefit,
    EngraftmentFactor,
    Indication,
    Milestone,
    Risk,
    Step,
    TherapyAgent,
    Trial,
)

__all__ = [
    "Agent",
    "Benefit",
    "Complication",
    "Condition",
    "EngraftmentFactor",
    "Indication",
    "ListedIndication",
    "Milestone",
    "Risk",
    "Step",
    "Therapy",
    "TherapyAgent",
    "Trial",
]
