"""Pages: who gets them, what they hold, and that nothing in a name becomes markup."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from annotations.models import Annotation, Image, Label, Membership, Project

pytestmark = pytest.mark.django_db

EVIL = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'"&'
PROJECT_PAGES = ("", "labels/", "members/", "jobs/", "settings/")

SignIn = Callable[[str], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """A client signed in as a person, who is made when there is none of that name."""

    def make(name: str) -> Client:
        users = get_user_model().objects
        user = users.filter(username=name).first() or users.create_user(name, password="secret")
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def project(sign_in: SignIn) -> Project:
    """Ann's project with two labels and three images; Bob is a member."""
    for name in ("ann", "bob", "eve"):
        sign_in(name)
    row = Project.objects.create(name="Birds")
    add_member(row, "ann", "owner")
    add_member(row, "bob", "member")
    for order, name in enumerate(("crow", "owl")):
        Label.objects.create(project=row, name=name, color="#336699", order=order)
    for number in range(3):
        add_image(row, number)
    return row


def add_member(project: Project, name: str, role: str) -> None:
    user = get_user_model().objects.get(username=name)
    Membership.objects.create(project=project, user=user, role=role)


def add_image(project: Project, number: int, **fields: Any) -> Image:
    values = {
        "name": f"bird-{number}.jpg", "sha256": f"{number:064x}", "width": 40, "height": 30,
        "bytes": 1000, "mime_type": "image/jpeg", "state": "ready", "thumbnail": "t/1.jpg",
        "original": "o/1.jpg",
    }  # fmt: skip
    return Image.objects.create(project=project, **(values | fields))


def annotate_one(image: Image) -> Annotation:
    label = image.project.labels.first()
    return Annotation.objects.create(
        image=image, label=label, counts="`1", bbox_x=0, bbox_y=0, bbox_w=1, bbox_h=1, area=1
    )


def page_data(client: Client, address: str) -> dict[str, Any]:
    text = client.get(address).content.decode()
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', text, re.S)
    assert found, address
    data: dict[str, Any] = json.loads(found[1])
    return data


def addresses(project: Project) -> list[str]:
    image = project.images.first()
    assert image is not None
    own = [f"/projects/{project.pk}/{page}" for page in PROJECT_PAGES]
    return [*own, f"/images/{image.pk}/annotate/"]


# --- Who gets a page -------------------------------------------------------------------------


def test_anonymous_people_are_led_to_the_login_page_and_back(project: Project) -> None:
    for address in ["/projects/", "/tokens/", *addresses(project)]:
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


def test_a_foreign_project_is_answered_like_one_that_does_not_exist(
    project: Project, sign_in: SignIn
) -> None:
    eve = sign_in("eve")
    for address in [*addresses(project), "/projects/99999/", "/images/99999/annotate/"]:
        answer = eve.get(address)
        assert answer.status_code == 404, address
        assert "Birds" not in answer.content.decode()
    assert eve.get(f"/projects/{2**70}/").status_code == 404


def test_staff_see_only_their_own_projects(project: Project, sign_in: SignIn) -> None:
    client = sign_in("root")
    get_user_model().objects.filter(username="root").update(is_staff=True, is_superuser=True)
    assert client.get(f"/projects/{project.pk}/").status_code == 404
    assert "Birds" not in client.get("/projects/").content.decode()


def test_management_pages_are_for_owners(project: Project, sign_in: SignIn) -> None:
    ann, bob = sign_in("ann"), sign_in("bob")
    for page in PROJECT_PAGES:
        assert ann.get(f"/projects/{project.pk}/{page}").status_code == 200, page
    for page, status in (("", 200), ("labels/", 200), ("jobs/", 200)):
        assert bob.get(f"/projects/{project.pk}/{page}").status_code == status
    for page in ("members/", "settings/"):
        answer = bob.get(f"/projects/{project.pk}/{page}")
        assert answer.status_code == 403
        assert "owner" in answer.content.decode()
    text = bob.get(f"/projects/{project.pk}/").content.decode()
    assert f"/projects/{project.pk}/members/" not in text


def test_pages_change_nothing(project: Project, sign_in: SignIn) -> None:
    ann = sign_in("ann")
    for address in ["/projects/", "/tokens/", *addresses(project)]:
        assert ann.post(address).status_code == 405, address
    assert ann.get("/logout/").status_code == 405


# --- Signing in and out ----------------------------------------------------------------------


def log_in(client: Client, **fields: str) -> Any:
    return client.post("/login/", {"username": "ann", "password": "secret", **fields})


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ("/projects/1/", "/projects/1/"),
        ("https://evil.example/", "/projects/"),
        ("//evil.example/", "/projects/"),
        ("/\\evil.example", "/projects/"),
        ("javascript:alert(1)", "/projects/"),
        ("", "/projects/"),
    ],
)
def test_the_way_back_stays_on_this_site(project: Project, wish: str, place: str) -> None:
    answer = log_in(Client(), next=wish)
    assert (answer.status_code, answer["Location"]) == (302, place)


def test_signing_in_and_out(project: Project) -> None:
    client = Client()
    page = client.get("/login/?next=/projects/7/").content.decode()
    assert 'name="username"' in page
    assert 'name="password"' in page
    assert 'name="next" value="/projects/7/"' in page
    assert log_in(client, password="wrong").status_code == 200
    assert "do not go together" in log_in(client, password="wrong").content.decode()
    assert log_in(client).status_code == 302
    assert client.get("/login/")["Location"] == "/projects/"
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/projects/").status_code == 302


def test_too_many_tries_are_told_in_words(project: Project) -> None:
    client = Client()
    answers = [log_in(client, password="wrong") for _ in range(15)]
    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()
    assert log_in(client).status_code == 429


def test_a_form_without_its_token_is_refused_in_words(project: Project) -> None:
    answer = log_in(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert "The form had expired" in answer.content.decode()


# --- What pages hold -------------------------------------------------------------------------


def test_the_first_address_leads_to_the_projects(sign_in: SignIn) -> None:
    assert Client().get("/")["Location"] == "/projects/"


def test_projects_are_cards_with_counts(project: Project, sign_in: SignIn) -> None:
    image = project.images.first()
    assert image is not None
    annotate_one(image)
    text = sign_in("ann").get("/projects/").content.decode()
    assert "3 images · 1 object" in text
    assert "1 of 3 annotated" in text
    assert f'src="/api/images/{image.pk}/thumbnail?size=256&amp;v={image.sha256[:8]}"' in text


def test_who_has_made_no_mask_is_shown_the_way_to_the_first(
    project: Project, sign_in: SignIn
) -> None:
    ann = sign_in("ann")
    image = project.images.first()
    assert image is not None
    assert f'href="/images/{image.pk}/annotate/">Start' in ann.get("/projects/").content.decode()
    row = annotate_one(image)
    row.author = get_user_model().objects.get(username="ann")
    row.save()
    assert "Cut out your first object" not in ann.get("/projects/").content.decode()


def test_without_projects_the_page_says_what_to_do(sign_in: SignIn) -> None:
    text = sign_in("new").get("/projects/").content.decode()
    assert "No project yet" in text
    assert "data-create" in text


def test_the_number_of_queries_does_not_grow_with_the_projects(
    project: Project, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    ann = sign_in("ann")
    for number in range(20):
        add_member(Project.objects.create(name=f"More {number}"), "ann", "owner")
    with django_assert_max_num_queries(12):
        assert ann.get("/projects/").content.decode().count("project-card-body") == 21


def test_the_project_page_gives_its_script_what_it_needs(project: Project, sign_in: SignIn) -> None:
    data = page_data(sign_in("bob"), f"/projects/{project.pk}/")
    assert data["user"]["username"] == "bob"
    assert data["wsUrl"] == f"/ws/projects/{project.pk}/"
    shown = data["project"]
    assert (shown["name"], shown["role"]) == ("Birds", "member")
    assert [label["name"] for label in shown["labels"]] == ["crow", "owl"]
    assert shown["counts"]["images"] == 3
    assert sum(shown["counts"].values()) == 3


def test_what_pages_hold_is_what_the_api_answers(project: Project, sign_in: SignIn) -> None:
    ann = sign_in("ann")
    image = project.images.first()
    assert image is not None
    labels = [project.labels.first().pk]  # type: ignore[union-attr]
    body = {"name": "age", "type": "number", "min": 0, "default": 3, "labels": labels}
    address = f"/api/projects/{project.pk}/attributes"
    assert ann.post(address, body, "application/json").status_code == 201
    data = page_data(ann, f"/images/{image.pk}/annotate/")
    assert data["project"]["attributes"][0]["default"] == 3
    assert data["project"] == ann.get(f"/api/projects/{project.pk}").json()
    assert data["image"] == ann.get(f"/api/images/{image.pk}").json()
    add_image(project, 9, state="refused", error_code="torn", error_message="It is torn.")
    refused = project.images.last()
    assert refused is not None
    data = page_data(ann, f"/images/{refused.pk}/annotate/")
    assert data["image"] == ann.get(f"/api/images/{refused.pk}").json()


def test_the_annotate_page_knows_its_place_in_the_queue(project: Project, sign_in: SignIn) -> None:
    first, second, third = project.images.all()
    data = page_data(sign_in("ann"), f"/images/{second.pk}/annotate/")
    assert (data["index"], data["total"]) == (1, 3)
    assert (data["prev"], data["next"]) == (first.pk, third.pk)
    assert [item["id"] for item in data["strip"]] == [first.pk, second.pk, third.pk]
    assert data["decoder"] == ""
    data = page_data(sign_in("ann"), f"/images/{first.pk}/annotate/?decoder=server")
    assert (data["prev"], data["decoder"]) == (None, "server")
    data = page_data(sign_in("ann"), f"/images/{first.pk}/annotate/?decoder=%22%3E")
    assert data["decoder"] == ""


@pytest.mark.parametrize("place", [0, 60, 150, 299])
def test_the_film_strip_holds_the_neighbours(
    project: Project, sign_in: SignIn, place: int, django_assert_max_num_queries: Any
) -> None:
    project.images.all().delete()
    rows = [add_image(project, number) for number in range(300)]
    ann = sign_in("ann")
    with django_assert_max_num_queries(20):
        data = page_data(ann, f"/images/{rows[place].pk}/annotate/")
    ids = [item["id"] for item in data["strip"]]
    assert len(ids) == 200
    first = min(max(0, place - 100), 100)
    assert ids == [row.pk for row in rows[first : first + 200]]


def test_the_api_reference_loads_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "js/pages/api_docs.js" in text
    assert "://" not in re.sub(r"http://www\.w3\.org\S+", "", text)
    assert client.get("/api/openapi.json").json()["paths"]["/api/projects"]


# --- Names are text --------------------------------------------------------------------------


def test_nothing_in_a_name_becomes_markup(project: Project, sign_in: SignIn) -> None:
    project.name = EVIL
    project.save()
    project.labels.filter(name="owl").update(name=EVIL[:90])
    image = project.images.first()
    assert image is not None
    Image.objects.filter(pk=image.pk).update(name=EVIL)
    ann = sign_in("ann")
    for address in ["/projects/", *addresses(project)]:
        text = ann.get(address).content.decode()
        assert "alert(1)</script>" not in text, address
        assert "<img src=x" not in text, address
    assert page_data(ann, f"/projects/{project.pk}/")["project"]["name"] == EVIL


def test_pages_hold_no_inline_script_or_style(project: Project, sign_in: SignIn) -> None:
    ann = sign_in("ann")
    for address in ["/projects/", "/tokens/", *addresses(project)]:
        answer = ann.get(address)
        text = answer.content.decode()
        assert "unsafe-inline" not in answer["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), address
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script or 'type="application/json"' in script


# --- What goes wrong -------------------------------------------------------------------------


def test_error_pages_look_like_the_others(client: Client) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "There is nothing here" in text
    assert "css/tokens.css" in text


def test_a_failure_tells_nothing_of_the_inside(
    project: Project, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the inside of /srv/segweb")

    monkeypatch.setattr("annotations.services.projects.projects.counts", fail)
    client = sign_in("ann")
    client.raise_request_exception = False
    answer = client.get(f"/projects/{project.pk}/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "/srv/segweb" not in answer.content.decode()
