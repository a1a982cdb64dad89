"""The page of figures: how accurate the calibrations in force are, what waits, how quick and how large the services."""

from typing import Annotated

from fastapi import Depends, Response

from services.gateway.access.policy import Action, Kind
from services.gateway.console.charts import det, histogram
from services.gateway.console.routing import page_router
from services.gateway.console.visit import Visit, visiting

router = page_router()
OperationsDep = Annotated[Visit, Depends(visiting((Kind.OPERATION, Action.READ)))]


@router.get("/operations")
async def operations_page(visit: OperationsDep) -> Response:
    """Curves and histograms with their tables, workload, sizes, times."""
    told = await visit.ask.get("/v1/operations")
    biometrics = told["biometrics"]
    engines = [
        {
            "made": each,
            "det": det(each["trade_off"], biometrics["threshold"]),
            "histogram": histogram(each["strangers"], each["mates"]),
        }
        for each in (biometrics["calibrations"] if biometrics else ())
    ]
    return visit.show("operations.html", told=told, biometrics=biometrics, engines=engines)
