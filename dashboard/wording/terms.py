"""The terms of the page, each explained in a sentence or two for whoever holds the mouse over it. Pure."""

from __future__ import annotations

from typing import Final

from monitoring.drift.measurement import Detector

TERMS: Final[dict[str, str]] = {
    "reference": "Whole days of the training period that the model did not see while it learnt. "
    "The production rows are compared with them.",
    "production": "The rows of the file you dropped.",
    "effect": "The share of rows that moved, from 0 to 1. For numbers it is the Kolmogorov–Smirnov distance: "
    "the widest gap between the two cumulative curves.",
    "tolerance": "The smallest shift that matters for this column: the policy's floor, or how much the column varies "
    "from day to day by itself, whichever is larger.",
    "p": "How often a shift of this size would come about by chance alone if nothing had changed: when single rows are "
    "exchanged with the reference, and when whole days are, because rows of one day resemble each other. "
    "Both must be small.",
    "p_adjusted": "The p-value after the correction for the number of tests of the check: the larger of the one by "
    "rows and the one by days, multiplied up so that many columns raise no more false alarms than one.",
    "interval": "The exact value lies between these two: counts alone leave it open.",
    "auc": "How well the predictions rank: the chance that a row with the outcome gets a higher prediction than one "
    "without. 0.5 is guessing, 1 is perfect.",
    "brier": "Mean squared distance between predicted probability and outcome. Lower is better.",
    "rate": "Share of the rows with a known outcome that had it.",
    "mean_prediction": "Mean predicted probability. It should be close to the share that really happened.",
    "labelled": "Rows whose outcome is known by now. Some never get one.",
    "drifted": "Inputs that moved further than by chance and further than their usual range.",
    "rows": "Rows of the file that could be read and scored. The others are listed below with the reason.",
    "churn": "Share of the rows whose predicted class changes with the new version.",
    "champion": "The version in use: it scores the rows you drop.",
    "challenger": "A version that was trained and wants to be the champion.",
    "natural_variation": "How far the column moves when whole days are exchanged and nothing has changed.",
    "held_out": "Whole days that no version is ever trained on. They are what versions are compared on.",
    "gate": "Champion and challenger score the same held-out rows; the Brier score decides.",
    "parity": "The exported model file and the trained model must give the same predictions, on real rows, "
    "with missing values and with categories never seen.",
}

DETECTORS: Final[dict[Detector, str]] = {
    "ks": "KS test",
    "chi2": "Chi-square test",
    "missing": "Missing values",
    "unseen": "Never seen before",
    "out_of_range": "Outside the range",
    "constant": "Always the same",
    "duplicates": "Repeated rows",
    "wasserstein": "Wasserstein distance",
    "cvm": "Cramér–von Mises statistic",
    "psi": "Population stability index",
    "js": "Jensen–Shannon distance",
    "mean_shift": "Shift of the mean",
    "median_shift": "Shift of the median",
}

DETECTOR_HELP: Final[dict[Detector, str]] = {
    "ks": "Two-sample Kolmogorov–Smirnov test: the widest gap between the two cumulative curves.",
    "chi2": "Two-sample chi-square test on the counts of the categories.",
    "missing": "Fisher's exact test on the share of missing values.",
    "unseen": "Share of rows with a category that the reference does not have.",
    "out_of_range": "Share of rows below the smallest or above the largest value of the reference.",
    "constant": "Every row has the same value, while the reference varies.",
    "duplicates": "Share of rows that repeat an earlier one, against the same number of rows of the reference.",
    "wasserstein": "Area between the two cumulative curves, in the column's unit.",
    "cvm": "Sum of the squared gaps between the two cumulative curves.",
    "psi": "Population stability index on tenths of the reference, or on the categories.",
    "js": "Distance of the shares of tenths of the reference, or of the categories, from 0 to 1.",
    "mean_shift": "How far and which way the mean moved.",
    "median_shift": "How far and which way the median moved.",
}


def explain(term: str) -> str:
    """What a term means. Raises KeyError for a term that is not explained."""
    return TERMS[term]
