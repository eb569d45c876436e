"""The WSGI entry point of the hl7 service; importing it has effects."""

from wherry.logs import configure
from wherry_hl7.app import create_app
from wherry_hl7.settings import Settings
from wherry_hl7.wiring import wire

settings = Settings()
configure("hl7", settings.log_level)
app = create_app(wire(settings))
