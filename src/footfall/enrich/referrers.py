"""Sites that send visitors, by what they are: search engines, social networks, webmail, advertisers, assistants.

Host names are facts; this list is our own, of sites with many users. What is not listed is a referral like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar


class Medium(StrEnum):
    """What a site is."""

    SEARCH = "search"
    SOCIAL = "social"
    EMAIL = "email"
    PAID = "paid"
    CHATBOT = "chatbot"


_Kind = TypeVar("_Kind", Medium, None)


def _of(medium: _Kind, names: str) -> dict[str, _Kind]:
    return dict.fromkeys(names.split(), medium)


BRANDS: Final[Mapping[str, Medium]] = {
    **_of(
        Medium.SEARCH,
        "google bing duckduckgo ecosia qwant startpage ixquick baidu sogou naver daum seznam yandex ask aolsearch "
        "voila dalesearch babylon kagi mojeek swisscows metager dogpile lycos search-results pricerunner onet rambler "
        "coccoc",
    ),
    **_of(
        Medium.SOCIAL,
        "facebook instagram linkedin pinterest reddit tumblr tiktok youtube whatsapp telegram snapchat threads bluesky "
        "mastodon twitter vk odnoklassniki xing weibo quora vimeo flickr workplace medium discord douban viadeo mixi",
    ),
    **_of(Medium.PAID, "doubleclick googlesyndication adsensecustomsearchads taboola outbrain criteo"),
    **_of(Medium.CHATBOT, "chatgpt perplexity claude poe mistral copilot gemini"),
}
"""{what stands before the top level of a site: its medium}, whatever the top level is."""

HOSTS: Final[Mapping[str, Medium | None]] = {
    **_of(
        Medium.SEARCH,
        "search.yahoo.com search.yahoo.co.jp search.brave.com search.tb.ask.com isearch.avg.com aolsearch.aol.co.uk "
        "search.aol.com go.mail.ru search.ke.voila.fr suche.1und1.de suche.t-online.de suche.web.de meta.ua so.com "
        "search.marginalia.nu presearch.com you.com",
    ),
    **_of(
        Medium.SOCIAL,
        "t.co x.com bsky.app go.bsky.app t.me wa.me lnkd.in fb.me ok.ru youtu.be lnk.bio linktr.ee redd.it pin.it "
        "news.ycombinator.com mastodon.social l.facebook.com lm.facebook.com l.instagram.com",
    ),
    **_of(
        Medium.EMAIL,
        "mail.google.com mail.yahoo.com mail.yahoo.net outlook.live.com outlook.office.com outlook.office365.com "
        "mail.live.com mail.proton.me mail.ru e.mail.ru mail.yandex.ru mail.aol.com upcmail.hispeed.ch bluewin.ch "
        "mailbusiness.ionos.com 3c.web.de 3c-bap.web.de 3c-lxa.mail.com com.google.android.gm",
    ),
    **_of(
        Medium.PAID,
        "syndicatedsearch.goog googleadservices.com bat.bing.com ads.google.com an.yandex.ru ib.adnxs.com adition.com "
        "servedbyopenx.com 2mdn.net rubiconproject.com adroll.com amazon-adsystem.com",
    ),
    **_of(
        Medium.CHATBOT,
        "chat.openai.com claude.ai gemini.google.com bard.google.com copilot.microsoft.com chat.mistral.ai meta.ai "
        "character.ai poe.com perplexity.ai chat.deepseek.com grok.com",
    ),
    **_of(Medium.SEARCH, "com.google.android.googlequicksearchbox"),
    **_of(
        None,
        "support.google.com developers.google.com maps.google.com accounts.google.com drive.google.com docs.google.com "
        "sites.google.com groups.google.com finance.yahoo.com news.yahoo.com sports.yahoo.com maps.yandex.ru "
        "market.yandex.ru",
    ),
}
"""{host: the medium of it and of all below it, None for a site like any other}; the longest that fits counts."""

BY_NAME: Final[tuple[tuple[re.Pattern[str], Medium], ...]] = (
    (
        re.compile(r"(e?mail|webmail|lightmailer|deref-|wmail|messagerie|mailbusiness)[^.]*\.|(.+\.)?(mail|webmail)\."),
        Medium.EMAIL,
    ),
    (re.compile(r"(.+\.)?(web)?(search|suche|recherche|busca|buscador|ricerca|szukaj|hledani)\."), Medium.SEARCH),
)
"""What hosts of webmail and of search are called, whoever offers it."""

_SECOND_LEVELS: Final = frozenset(("ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or", "org"))
"""What stands before a country's top level without being a site."""


def site_of(host: str) -> str:
    """The site that a host belongs to: its name before the top level, and that.

    >>> site_of("www.shop.example.co.uk"), site_of("m.facebook.com"), site_of("localhost")
    ('example.co.uk', 'facebook.com', 'localhost')
    """
    labels = host.split(".")
    levels = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVELS and len(labels[-1]) == 2 else 2
    return ".".join(labels[-levels:])
