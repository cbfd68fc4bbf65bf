"""The picker of publications in a real browser, where the library has not what is looked for."""

import pytest
from admin_data import form_url, logged_in, overview
from playwright.sync_api import expect

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_not_in_the_library_can_be_added(chromium, live_server):
    cookie = logged_in("author").cookies["sessionid"].value
    context = chromium.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(form_url(overview()), wait_until="networkidle")
    page.focus("#id_sections-0-body")
    page.keyboard.press("Control+K")
    page.fill("#md-picker-ask", "nobody knows this")
    said = page.locator(".md-picker-said")
    expect(said).to_contain_text("No publication is found")
    for name, end in (("Add by identifier", "by-identifier/"), ("Add reference", "add/")):
        link = said.get_by_role("link", name=name)
        address = f"/admin/references/reference/{end}"
        expect(link).to_have_attribute("href", address)
        expect(link).to_have_attribute("target", "_blank")
        assert logged_in("author").get(address).status_code == 200
    context.close()
