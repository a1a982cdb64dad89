"""All tables of the biometric service, for its migrations."""

from services.biometrics.encounters import tables as _encounters  # noqa: F401  declares its tables
from services.biometrics.tables import Base
from services.biometrics.tasks import tables as _tasks  # noqa: F401  likewise

metadata = Base.metadata
