"""Assessments: what workers told, as answers to published indicators, and the leads that they amount to."""
