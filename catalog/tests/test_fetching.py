"""Pictures fetched over real HTTP on loopback, from hosts good and hostile."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog import fetching
from catalog.jobs import FETCHED_TOGETHER, enqueue_fetch
from catalog.models import ProductImage
from catalog.outbound.asking import Patience
from catalog.tests.factories import ProductFactory
from catalog.tests.pictures import a_file
from shop.testing.races import at_once
from shop.testing.receivers import (
    Behaviour,
    answering,
    breaking_off,
    dripping_body,
    dripping_head,
    endless_body,
    hanging_up,
    one_after_the_other,
    receiver,
    silent,
    talking_nonsense,
)
from shop.testing.worker import work_off_the_queue

pytestmark = pytest.mark.django_db
State = ProductImage.State
SECRET = b"the cloud's own password"


@pytest.fixture(autouse=True)
def this_machine(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.SHOP_IMAGES_ALLOW_PRIVATE = True


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", Patience(connect=0.3, total=0.4))


def waiting(url: str, **values: Any) -> ProductImage:
    return ProductImage.objects.create(
        product=ProductFactory.create(), image="", source_url=url, state=State.WAITING, **values
    )


def fetched(url: str, **values: Any) -> ProductImage:
    image = waiting(url, **values)
    fetching.fetch(image_id=image.pk)
    image.refresh_from_db()
    return image


def jobs(name: str) -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name=f"catalog.{name}").order_by("pk"))


def test_a_picture_is_fetched_checked_and_stored_as_our_own_file() -> None:
    png = a_file((2000, 1000), "PNG", colour=(200, 30, 30))
    with receiver(answering(200, png, Content_Type="text/html")) as host:
        image = fetched(host.url(path="/a/mug.png?v=1"))
    assert (image.state, image.problem, image.width, image.height) == (State.STORED, "", 1600, 800)
    with default_storage.open(str(image.image.name)) as file, Image.open(file) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1600, 800))
    assert "mug" not in str(image.image.name)
    assert [job.args for job in jobs("make_renditions")] == [{"image_id": image.pk}]
    [asked] = host.requests
    assert (asked.method, asked.path) == ("GET", "/a/mug.png?v=1")


def test_what_has_been_fetched_is_not_fetched_again() -> None:
    with receiver(answering(200, a_file())) as host:
        image = fetched(host.url())
        fetching.fetch(image_id=image.pk)
        fetching.fetch_images(image_ids=[image.pk, image.pk + 1])
    assert len(host.requests) == 1


def test_redirects_are_followed_a_few_times() -> None:
    with receiver(answering(200, a_file())) as last, receiver(answering(302, Location=last.url())) as first:
        assert fetched(first.url()).state == State.STORED


def test_a_redirect_loop_ends() -> None:
    with receiver(answering(302, Location="/round")) as host:
        image = fetched(host.url())
    assert (image.state, image.tries, image.problem) == (State.WAITING, 1, "There are more than 3 redirects.")
    assert len(host.requests) == 4


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (answering(404), "It answered 404."),
        (answering(500, b"x" * 1000), "It answered 500."),
        (answering(302), "It redirects to nowhere."),
        (answering(200, gzip.compress(b"\x00" * 50_000_000), Content_Encoding="gzip"), "It is packed"),
        (breaking_off(a_file()[:50], promised=5000), "It broke off after 50 of 5000 bytes."),
        (hanging_up, "No answer"),
        (talking_nonsense, "No answer"),
    ],
)
def test_what_may_be_better_later_is_tried_again(behaviour: Behaviour, problem: str) -> None:
    with receiver(behaviour) as host:
        image = fetched(host.url())
    assert (image.state, image.tries) == (State.WAITING, 1)
    assert image.problem.startswith(problem)
    [job] = jobs("fetch_images")
    pause = job.scheduled_at - timezone.now()  # type: ignore[operator]  # it has a time
    assert timedelta(seconds=50) < pause < timedelta(seconds=70)


@pytest.mark.parametrize("behaviour", [silent, dripping_head, dripping_body, breaking_off(b"", promised=9)])
@pytest.mark.usefixtures("hurried")
def test_nobody_is_waited_for_longer_than_the_time_that_was_given(behaviour: Behaviour) -> None:
    started = time.monotonic()
    with receiver(behaviour) as host:
        image = fetched(host.url())
    assert time.monotonic() - started < 5
    assert (image.state, image.tries) == (State.WAITING, 1)


@pytest.mark.usefixtures("hurried")
def test_the_time_is_that_of_all_redirects_together() -> None:
    def slow(handler: Any) -> None:
        handler.closing.wait(0.15)
        answering(302, Location="/next")(handler)

    with receiver(slow) as host:
        image = fetched(host.url())
    assert len(host.requests) < 4
    assert "time was up" in image.problem


@pytest.mark.parametrize(
    "behaviour",
    [
        endless_body(200),
        breaking_off(b"", promised=15_000_001),
        breaking_off(b"", promised=10**18),
        answering(200, b"x" * 15_000_001),
    ],
)
def test_what_is_too_large_is_refused(behaviour: Behaviour) -> None:
    with receiver(behaviour) as host:
        image = fetched(host.url())
    assert (image.state, image.problem) == (State.FAILED, "This file is larger than 15 MB.")
    assert jobs("fetch_images") == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_file((900, 900))[:100]]
)
def test_what_is_no_picture_is_refused_whatever_it_calls_itself(body: bytes) -> None:
    with receiver(answering(200, body, Content_Type="image/png")) as host:
        image = fetched(host.url())
    assert (image.state, image.tries) == (State.FAILED, 1)
    assert image.problem.startswith("This is not a")
    assert not image.image


class TestPrivateAddresses:
    """Nothing on this machine or in its network is asked, whoever leads there."""

    @pytest.fixture(autouse=True)
    def as_on_a_server(self, settings: Any) -> None:
        settings.SHOP_IMAGES_ALLOW_PRIVATE = False

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
    def test_none_is_asked(self, host: str) -> None:
        with receiver(answering(200, a_file())) as inside:
            image = fetched(inside.url(host))
        assert inside.requests == []
        assert (image.state, image.tries) == (State.FAILED, 1)

    @pytest.mark.parametrize(
        "url", ["http://169.254.169.254/latest/", "http://10.0.0.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "x"]
    )
    def test_neither_is_the_network_around(self, url: str) -> None:
        assert fetched(url).state == State.FAILED

    def test_a_name_that_leads_inside_is_not_followed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with receiver(answering(200, SECRET)) as inside:
            led_to(monkeypatch, "127.0.0.1")
            image = fetched(inside.url("pictures.example.com"))
        assert inside.requests == []
        assert "not into the public internet" in image.problem

    @pytest.mark.parametrize(
        "where", ["http://169.254.169.254/meta-data/", "http://10.1.2.3/", "//[fe80::1]/", "file:///etc/passwd"]
    )
    def test_neither_is_a_redirect(self, settings: Any, where: str) -> None:
        # The first host is on loopback, which is let pass here; the network around is not, even so.
        settings.SHOP_IMAGES_ALLOW_PRIVATE = True
        with receiver(answering(302, Location=where)) as host:
            image = fetched(host.url())
        assert (image.state, image.tries) == (State.FAILED, 1)

    def test_control_when_it_is_allowed_the_same_host_is_asked(self, settings: Any) -> None:
        settings.SHOP_IMAGES_ALLOW_PRIVATE = True
        with receiver(answering(200, a_file())) as inside:
            assert fetched(inside.url("localhost")).state == State.STORED
        assert len(inside.requests) == 1


def led_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Whatever name is looked up, it leads to this address."""
    answer: Callable[..., Any] = lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_after_a_few_tries_it_has_failed_and_says_why() -> None:
    with receiver(answering(404)) as host:
        image = waiting(host.url())
        for _ in range(fetching.MAX_TRIES + 2):
            fetching.fetch(image_id=image.pk)
    image.refresh_from_db()
    assert (image.state, image.tries, image.problem) == (State.FAILED, 5, "It answered 404.")
    assert len(host.requests) == 5
    pauses = [job.scheduled_at - timezone.now() for job in jobs("fetch_images")]  # type: ignore[operator]
    assert pauses == sorted(pauses)
    assert len(pauses) == 4


def test_staff_can_have_it_fetched_again() -> None:
    with receiver(one_after_the_other(*[answering(404)] * 5, answering(200, a_file()))) as host:
        image = waiting(host.url())
        for _ in range(fetching.MAX_TRIES):
            fetching.fetch(image_id=image.pk)
        assert fetching.fetch_again(image_ids=[image.pk]) == 1
        assert fetching.fetch_again(image_ids=[image.pk]) == 0
        fetching.fetch(image_id=image.pk)
    image.refresh_from_db()
    assert (image.state, image.problem) == (State.STORED, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_a_picture_that_is_deleted_or_replaced_meanwhile_leaves_no_file(what: str, tmp_path: Any) -> None:
    def acting(handler: Any) -> None:
        rows = ProductImage.objects.all()
        rows.delete() if what == "deleted" else rows.update(state=State.STORED, image="products/by-hand.webp")
        connection.close()
        answering(200, a_file())(handler)

    with receiver(acting) as host:
        fetching.fetch(image_id=waiting(host.url()).pk)
    assert len(host.requests) == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list(ProductImage.objects.values_list("image", flat=True)) == (
        [] if what == "deleted" else ["products/by-hand.webp"]
    )


class TestTwoJobsAtOnce:
    """A job was taken over while it still ran: both get the picture at the same moment."""

    def fetched_twice(self, folder: Path) -> tuple[str, list[str]]:
        """What the row names in the end, and the files that are there."""
        both = threading.Barrier(2)

        def answer(handler: Any) -> None:
            both.wait(10)
            answering(200, a_file())(handler)

        with receiver(answer) as host:
            image = waiting(host.url())
            at_once(2, lambda _: fetching.fetch(image_id=image.pk))
        image.refresh_from_db()
        return str(image.image.name), [path.relative_to(folder).as_posix() for path in folder.rglob("*.webp")]

    @pytest.mark.django_db(transaction=True)
    def test_one_of_them_stores_it_and_the_other_leaves_nothing(self, tmp_path: Path) -> None:
        before = len(jobs("make_renditions"))
        name, files = self.fetched_twice(tmp_path)
        assert files == [name]
        assert len(jobs("make_renditions")) == before + 1

    @pytest.mark.django_db(transaction=True)
    def test_control_without_a_look_at_the_state_a_file_is_left_behind(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fetching, "_waiting", lambda image: ProductImage.objects.filter(pk=image.pk))
        name, files = self.fetched_twice(tmp_path)
        assert len(files) == 2
        assert name in files


@pytest.mark.django_db(transaction=True)
def test_the_worker_fetches_and_makes_the_copies() -> None:
    with receiver(answering(200, a_file((700, 700)))) as host:
        image = waiting(host.url())
        enqueue_fetch([image.pk])
        work_off_the_queue()
    image.refresh_from_db()
    assert image.state == State.STORED
    assert [(each["format"], each["width"]) for each in image.renditions] == [
        ("avif", 320), ("webp", 320), ("avif", 640), ("webp", 640), ("avif", 700),
    ]  # fmt: skip


def test_thousands_are_enqueued_in_a_few_statements(django_assert_num_queries: Any) -> None:
    product = ProductFactory.create()
    ProductImage.objects.bulk_create(
        ProductImage(product=product, source_url=f"https://cdn.example.com/{n}.png", state=State.WAITING)
        for n in range(1000)
    )
    ids = list(ProductImage.objects.values_list("pk", flat=True))
    with django_assert_num_queries(3):
        enqueue_fetch(ids)
    found = jobs("fetch_images")
    assert len(found) == 1000 / FETCHED_TOGETHER
    assert {job.lock for job in found} == {"fetch:cdn.example.com:0", "fetch:cdn.example.com:1"}
    assert sorted(pk for job in found for pk in job.args["image_ids"]) == ids
