"""The WSGI application that granian serves."""

from wherry import logs
from wherry_ehr.app import create_app
from wherry_ehr.collector import calm
from wherry_ehr.settings import Settings
from wherry_ehr.wiring import wire

settings = Settings()
logs.configure("ehr", settings.log_level)
app = create_app(wire(settings))
calm()
