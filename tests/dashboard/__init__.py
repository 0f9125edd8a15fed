"""Tests of the page: words, figures, components and views."""
