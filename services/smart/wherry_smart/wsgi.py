"""The WSGI entry point of the SMART launch host; importing it has effects."""

from wherry.logs import configure
from wherry_smart.app import create_app
from wherry_smart.settings import Settings
from wherry_smart.wiring import wire

settings = Settings()
configure("smart", settings.log_level)
app = create_app(wire(settings))
