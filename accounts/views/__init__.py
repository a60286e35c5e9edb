"""What the pages of the account show."""

from accounts.views.account import account_view
from accounts.views.log import log_export, log_list

__all__ = ["account_view", "log_export", "log_list"]
