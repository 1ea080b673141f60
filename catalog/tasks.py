"""Background jobs of the catalogue: thin doors to the acts. Each may run twice; the acts make that harmless."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from catalog import alerts, fetching, images, refreshing
from catalog.importing import running, tidying
from catalog.inventory import counting, digest
from catalog.search import indexing

# 4, 16, 64 … seconds: ten tries last for days.
PATIENT = RetryStrategy(max_attempts=10, exponential_wait=4)


@app.task(name="catalog.fetch_images", queue="images", retry=PATIENT)
def fetch_images(*, image_ids: list[int]) -> None:
    """Fetch pictures from elsewhere; the tries after the first are jobs of their own."""
    fetching.fetch_images(image_ids=image_ids)


@app.task(name="catalog.make_renditions", queue="images", retry=PATIENT)
def make_renditions(*, image_id: int) -> None:
    """Make the smaller copies of a picture."""
    images.make_renditions(image_id=image_id)


@app.task(name="catalog.make_shelf_renditions", queue="images", retry=PATIENT)
def make_shelf_renditions(*, shelf: str, pk: int) -> None:
    """Make the smaller copies of the picture of a category or a collection."""
    images.make_shelf_renditions(shelf=shelf, pk=pk)


@app.task(name="catalog.discard_files", queue="images", retry=PATIENT)
def discard_files(*, files: list[list[str]]) -> None:
    """Remove the files of pictures that are gone."""
    images.discard(files=files)


@app.task(name="catalog.run_import", queue="imports", retry=PATIENT)
def run_import(*, run_id: int) -> None:
    """Take a file of products in, from the line where the run stands."""
    running.carry_out(run_id=run_id)


@app.periodic(cron="23 3 * * *")
@app.task(name="catalog.forget_import_files", queueing_lock="catalog.forget_import_files")
def forget_import_files(timestamp: int) -> None:
    """Let go of the files of imports that are long over."""
    tidying.forget_files()


@app.task(name="catalog.discard_import_files", retry=PATIENT)
def discard_import_files(*, names: list[str]) -> None:
    """Remove the files of these imports."""
    tidying.discard(names=names)


@app.periodic(cron="33 3 * * *")
@app.task(name="catalog.forget_sheets", queueing_lock="catalog.forget_sheets")
def forget_sheets(timestamp: int) -> None:
    """Remove stock sheets that nobody has finished."""
    counting.forget_unfinished()


@app.task(name="catalog.claim_alerts", queue="mail", retry=PATIENT)
def claim_alerts(*, variant_id: int) -> None:
    """A variant is back: enqueue a letter for everybody who waits for it."""
    alerts.claim_alerts(variant_id=variant_id)


@app.task(name="catalog.send_alert", queue="mail", retry=PATIENT)
def send_alert(*, alert_id: int) -> None:
    """Send one of these letters."""
    alerts.send_alert(alert_id=alert_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="catalog.look_after_alerts", queue="mail", queueing_lock="catalog.look_after_alerts")
def look_after_alerts(timestamp: int) -> None:
    """Tell those who wait for what is back without having been restocked just now."""
    alerts.look_after_alerts()


@app.periodic(cron="43 3 * * *")
@app.task(name="catalog.forget_alerts", queue="mail")
def forget_alerts(timestamp: int) -> None:
    """Forget the addresses of those who were told."""
    alerts.forget_alerts()


@app.task(name="catalog.refresh_products", retry=PATIENT)
def refresh_products(*, what: str, pk: int) -> None:
    """Bring up to date what the products with a brand, type or attribute are found by."""
    refreshing.refresh_products_with(what=what, pk=pk)


@app.periodic(cron="13 4 * * *")
@app.task(name="catalog.recount_words", queueing_lock="catalog.recount_words")
def recount_words(timestamp: int) -> None:
    """Count what the words of search are used by, and forget those of products that are gone."""
    indexing.recount_words()


@app.periodic(cron="7 6 * * *")
@app.task(name="catalog.tell_what_became_low", queue="mail", queueing_lock="catalog.tell_what_became_low")
def tell_what_became_low(timestamp: int) -> None:
    """Write to whoever watches the stock, if something new is low."""
    digest.tell_what_became_low()


@app.task(name="catalog.send_low_stock", queue="mail", retry=PATIENT, pass_context=True)
def send_low_stock(context: JobContext, *, to: str, level_ids: list[int], count: int) -> None:
    """Send one of these letters."""
    digest.send_digest(to=to, level_ids=level_ids, count=count, number=context.job.id or 0)
