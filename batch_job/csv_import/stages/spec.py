"""The spec of an import: found and pinned at its first claim, read, and held to what the deployment allows."""

from __future__ import annotations

from csv_import.accounting.ledger import Ledger
from csv_import.accounting.ledger_values import Claim, PinnedSpec
from csv_import.reading.spec_object import find_spec
from csv_import.services import Services
from csv_import.settings import Settings
from csv_import.shaping.allowed import check_allowed
from csv_import.shaping.spec_checks import check_spec
from csv_import.shaping.spec_reader import ReadSpec, read_spec


def spec_of(claim: Claim, ledger: Ledger, settings: Settings, services: Services) -> ReadSpec:
    """The spec that this run is loaded by: the same for every attempt and every part.

    Raises:
        BadConfiguration: `invalid_spec`, `spec_forbidden`, `table_not_allowed` or `mode_not_allowed`.
        ServiceAway: S3 or the ledger is.
        LeaseLost: `claim_lost`.
    """
    pinned = claim.spec
    if pinned is None:
        found = find_spec(services.s3, claim.version.bucket, claim.version.key)
        mine = PinnedSpec(found.key, found.version_id, found.text) if found else PinnedSpec()
        pinned = ledger.pin_spec(settings.import_id, settings.run, settings.job_id, mine)
    if pinned.key is None or pinned.text is None:
        return ReadSpec()
    services.logger.info("found a spec", spec=pinned.key, spec_version=pinned.version_id)
    read = read_spec(pinned.text, pinned.key)
    check_spec(read)
    tables = (settings.table_name, *settings.allowed_tables)
    check_allowed(read, modes=settings.allowed_modes, tables=tables)
    return read
