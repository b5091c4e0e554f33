"""Titles and copies out of the files libraries have: MARC, tables, workbooks, JSON Lines."""

from lending.importing.loading import load
from lending.importing.points import load_points
from lending.importing.problems import ImportRefused, Place, Problem, message, where
from lending.importing.reading import read
from lending.importing.records import CopyFacts, Record
from lending.importing.report import Report
from lending.importing.sample import load_sample, load_sample_appointments, load_sample_events, load_sample_points

__all__ = [
    "CopyFacts", "ImportRefused", "Place", "Problem", "Record", "Report", "load", "load_points",
    "load_sample", "load_sample_appointments", "load_sample_events", "load_sample_points", "message", "read", "where",
]  # fmt: skip
