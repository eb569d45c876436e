"""The WSGI entry point of the sandbox of clouds; importing it has effects."""

from wherry.logs import configure
from wherry_devices.sandbox.app import create_app
from wherry_devices.sandbox.settings import Settings
from wherry_devices.sandbox.wiring import wire

settings = Settings()
configure("vendors", settings.log_level)
app = create_app(wire())
