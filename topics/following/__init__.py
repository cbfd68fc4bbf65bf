"""Following by mail: who asks, who confirms, who stops, and who is told of what.

    ask ─▶ (a mail with a link) ─▶ confirm ─▶ (mails about events) ─▶ stop

Each function is one transaction. Mails are made and sent by tasks, so nobody who publishes or asks
waits for a mail server. A task is queued in the transaction that gives rise to it: both are kept,
or neither. What is said to whoever asks is the same whether an address is known or not.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django_tasks import task

from topics import documents, throttle
from topics.choices import EventKind, Frequency
from topics.following import sending, tokens
from topics.following.subjects import Subject
from topics.models import Event, Follower, Listing, Notice, Subscription

# Who asks for the same once more gets no second mail before this time is over.
ASK_AGAIN = timedelta(minutes=10)
TOLD = (EventKind.PUBLISHED, EventKind.WITHDRAWN, EventKind.REFERENCE_STATUS)
# So many mails a day go to an address because somebody typed it; the next one an hour after the
# last, the one after that two hours later, and so on: a dozen a day at most, whoever types it.
# They count no more once the owner of the address confirms one.
MAILS, PAUSE = 6, timedelta(hours=1)
# What `throttle` counts them as.
TYPED = "follow-address"
# What was sent is remembered for as long as a task could be run again, and then some.
REMEMBER_SENT = timedelta(days=30)
WEEKLY_HOUR = 6
BATCH = 1000


class Stopped(Exception):
    """The subscription is no more: it was stopped, or not confirmed in time."""


@transaction.atomic
def ask(
    email: str, subject: Subject, frequency: str, language: str = settings.LANGUAGE_CODE
) -> None:
    """Note that an address would like to follow something, and send it a mail in a language.

    The mail holds the link that confirms, or says that the address follows this already. If none
    goes out, because one just did or there were too many, nothing changes.
    """
    # Locked, so that of all who ask for one address at one moment none is overlooked.
    follower = _follower(email)
    now = timezone.now()
    one = {"follower": follower, "topic_id": subject.topic_id, "area": subject.area}
    asked_lately = Notice.objects.filter(
        subscription__in=Subscription.objects.filter(**one),
        event=None,
        created_at__gt=now - ASK_AGAIN,
    ).exists()
    if asked_lately:
        return
    if not _may_get_a_mail(follower):
        # Nobody is to get more mails because somebody else types their address.
        _forget_followers(Follower.objects.filter(pk=follower.pk))
        return
    values = {"frequency": frequency, "language": language, "asked_at": now}
    subscription, _ = Subscription.objects.get_or_create(**one, defaults=values)
    # Not so what its owner has confirmed, whoever typed the address.
    Subscription.objects.filter(pk=subscription.pk, confirmed_at__isnull=True).update(**values)
    subscription.notices.filter(event=None).delete()
    Notice.objects.create(subscription=subscription, due_at=now)
    sending.deliver.enqueue()


def _may_get_a_mail(follower: Follower) -> bool:
    """Return whether one more mail may go to an address because somebody typed it; count it."""
    return throttle.allow_slowing(TYPED, follower.email, free=MAILS, pause=PAUSE)


def find(purpose: str, token: str) -> list[Subscription]:
    """Return the subscriptions that a link names and that are still there, perhaps none.

    A link to one's own subscriptions names all that are confirmed. One that is to be confirmed is
    as the mail with the link said. Raises tokens.BadToken.
    """
    link = tokens.read(purpose, token)
    if purpose == tokens.YOURS:
        found = Subscription.objects.filter(follower__key=link.key, confirmed_at__isnull=False)
        return list(found.select_related("follower"))
    found = list(_named(link))
    for subscription in found:
        _set_terms(subscription, link)
    return found


def _named(link: tokens.Content) -> QuerySet[Subscription]:
    named = Subscription.objects.filter(follower__key=link.key, pk__in=link.subscriptions)
    return named.select_related("follower")


def _set_terms(subscription: Subscription, link: tokens.Content) -> None:
    """Have a subscription say what the mail with a link said, unless it is confirmed already.

    It is not saved. Links of earlier versions do not hold it; they confirm what was asked for last.
    """
    if link.terms and subscription.confirmed_at is None:
        subscription.frequency, subscription.language = link.terms


@transaction.atomic
def confirm(token: str) -> Subscription:
    """Make the subscription of a confirmation link count, as its mail said, and return it.

    Raises tokens.BadToken, or Stopped if it is no more.
    """
    link = tokens.read(tokens.CONFIRM, token)
    # Locked: it may be stopped, confirmed, or asked for anew at this very moment.
    subscription = _named(link).select_for_update(of=("self",)).first()
    if subscription is None:
        raise Stopped
    if subscription.confirmed_at is None:
        _set_terms(subscription, link)
        subscription.confirmed_at = timezone.now()
        subscription.save(update_fields=["confirmed_at", *tokens.Terms._fields])
        throttle.clear(TYPED, subscription.follower.email)
    return subscription


@transaction.atomic
def stop(subscriptions: list[Subscription]) -> None:
    """Delete subscriptions and all that was still to be sent for them.

    The address goes with the last one.
    """
    followers = {each.follower_id for each in subscriptions}
    list(Follower.objects.select_for_update().filter(pk__in=followers).order_by("pk"))
    Subscription.objects.filter(pk__in=[each.pk for each in subscriptions]).delete()
    _forget_followers(Follower.objects.filter(pk__in=followers))


@transaction.atomic
def stop_all(token: str) -> None:
    """Delete all that the owner of a link follows, confirmed or not, and the address.

    Raises tokens.BadToken.
    """
    Follower.objects.filter(key=tokens.read(tokens.YOURS, token).key).delete()


def set_language(token: str, language: str) -> None:
    """Have all mails to the owner of a link speak a language. Raises tokens.BadToken."""
    key = tokens.read(tokens.YOURS, token).key
    Subscription.objects.filter(follower__key=key).update(language=language)


def set_frequency(subscription: Subscription, frequency: str) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(frequency=frequency)


def notify(events: list[Event]) -> None:
    """Have the followers told of events, by one task. Called in the transaction of the events."""
    if told := [event.pk for event in events if event.kind in TOLD]:
        tell.enqueue(told)


@task()
def tell(event_ids: list[int]) -> int:
    """Write down whom to tell of the events, and return how many notices that makes.

    Done twice it does no more than done once.
    """
    events = Event.objects.filter(pk__in=event_ids).select_related("edition__revision")
    written = sum(_write_notices(event) for event in events)
    if written:
        sending.deliver.enqueue()
    return written


@task()
def forget() -> None:
    """Delete what there is no reason any more to keep: above all addresses never confirmed."""
    now = timezone.now()
    late = now - tokens.LIFETIMES[tokens.CONFIRM]
    with transaction.atomic():
        Subscription.objects.filter(confirmed_at__isnull=True, asked_at__lt=late).delete()
        _forget_followers(Follower.objects.all())
    Notice.objects.filter(sent_at__lt=now - REMEMBER_SENT).delete()
    throttle.forget()


def _follower(email: str) -> Follower:
    """Return the locked follower of an address, made if need be."""
    email = email.strip().lower()
    while True:
        # By ON CONFLICT: a failed INSERT would write the address into the log of the database.
        Follower.objects.bulk_create([Follower(email=email)], ignore_conflicts=True)
        # None if the last subscription of the address was stopped at this moment.
        if follower := Follower.objects.select_for_update().filter(email=email).first():
            return follower


def _forget_followers(followers: QuerySet[Follower]) -> None:
    """Delete those of the followers who follow nothing. One who asks at this moment is left."""
    idle = followers.filter(~Exists(Subscription.objects.filter(follower=OuterRef("pk"))))
    locked = list(idle.select_for_update(skip_locked=True).values_list("pk", flat=True))
    Follower.objects.filter(pk__in=locked).delete()


def _write_notices(event: Event) -> int:
    now = timezone.now()
    weekly = _next_weekly(now)
    # Nobody should learn on Monday that what they did on Tuesday was wrong.
    is_urgent = event.kind != EventKind.PUBLISHED
    notices = [
        Notice(
            subscription_id=pk,
            event=event,
            due_at=weekly if frequency == Frequency.WEEKLY and not is_urgent else now,
        )
        for pk, frequency in _subscriptions(event).values_list("pk", "frequency")
    ]
    Notice.objects.bulk_create(notices, batch_size=BATCH, ignore_conflicts=True)
    return len(notices)


def _subscriptions(event: Event) -> QuerySet[Subscription]:
    """Return one subscription of each follower who is to be told of an event and was not yet.

    Of several it is the one that tells soonest, and then the narrowest.
    """
    topics, areas = _about(event)
    told = Notice.objects.filter(event=event, subscription__follower=OuterRef("follower"))
    is_everything = Q(topic__isnull=True, area="")
    return (
        Subscription.objects.filter(Q(topic__in=topics) | Q(area__in=areas) | is_everything)
        .filter(~Exists(told), confirmed_at__lte=event.created_at)
        .annotate(
            patience=Case(When(frequency=Frequency.WEEKLY, then=1), default=0),
            breadth=Case(
                When(topic__isnull=False, then=0), When(is_everything, then=2), default=Value(1)
            ),
        )
        .order_by("follower", "patience", "breadth", "pk")
        .distinct("follower")
    )


def _about(event: Event) -> tuple[set[int], set[str]]:
    """Return the topics and the areas whose followers an event concerns."""
    if event.reference_id:
        citing = Listing.objects.filter(edition__citations__reference=event.reference_id)
        listings = list(citing.values_list("pk", "areas"))
        topics = {pk for pk, _ in listings}
        return topics, {area for _, areas in listings for area in areas}
    document = documents.read(event.edition.revision.document)
    return {event.topic_id}, set(document.get("areas", []))


def _next_weekly(now: datetime) -> datetime:
    """Return the next Monday morning."""
    monday = (now - timedelta(days=now.weekday())).replace(
        hour=WEEKLY_HOUR, minute=0, second=0, microsecond=0
    )
    return monday if monday > now else monday + timedelta(weeks=1)
