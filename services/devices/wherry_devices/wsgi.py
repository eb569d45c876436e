"""The WSGI entry point of the device service; importing it has effects."""

from wherry.logs import configure
from wherry_devices.app import create_app
from wherry_devices.settings import Settings
from wherry_devices.wiring import wire

settings = Settings()
configure("devices", settings.log_level)
app = create_app(wire(settings))
