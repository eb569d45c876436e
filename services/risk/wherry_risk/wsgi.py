"""The WSGI entry point of the risk service; importing it has effects."""

from wherry.collector import spare_the_collector
from wherry.logs import configure
from wherry_risk.app import create_app
from wherry_risk.settings import Settings
from wherry_risk.wiring import wire

settings = Settings()
configure("risk", settings.log_level)
app = create_app(wire(settings))
spare_the_collector()
