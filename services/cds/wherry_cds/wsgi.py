"""The WSGI entry point of the CDS service; importing it has effects."""

from wherry.collector import spare_the_collector
from wherry.logs import configure
from wherry_cds.app import create_app
from wherry_cds.clients.warming import warm_up
from wherry_cds.housekeeping import keep_rows
from wherry_cds.settings import Settings
from wherry_cds.wiring import wire

settings = Settings()
configure("cds", settings.log_level)
warm_up()
app = create_app(wire(settings))
keep_rows(settings)
spare_the_collector()
