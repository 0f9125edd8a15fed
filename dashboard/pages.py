"""The pages, by the files that draw them: what a link or a switch is given."""

from typing import Final

CHECK_PAGE: Final = "views/check.py"
COLUMN_PAGE: Final = "views/column.py"
MODELS_PAGE: Final = "views/models.py"
RETRAINING_PAGE: Final = "views/retraining_page.py"
SETTINGS_PAGE: Final = "views/settings.py"
TIMELINE_PAGE: Final = "views/timeline.py"
