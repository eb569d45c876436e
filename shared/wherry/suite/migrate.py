"""`python -m wherry.suite.migrate`: the inbox database of the settings, brought up to date."""

from wherry.adapters.migrate import upgrade
from wherry.settings import SuiteSettings

if __name__ == "__main__":
    upgrade(SuiteSettings().database_url)
