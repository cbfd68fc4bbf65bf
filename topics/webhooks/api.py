"""A partner's own webhooks in the API."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import exceptions, generics, serializers
from rest_framework.response import Response

from hsc_portal.rest import LIST_PROBLEMS, Problem, api_url
from references.access.models import Scope
from references.access.rest import PAGE, PRIVATE_PROBLEMS, TOO_MANY, PartnerView, described
from references.access.serializers import RotationSerializer
from topics.models import Delivery, Webhook
from topics.replicating.events import MEANINGS
from topics.webhooks import collecting, keeping, sending

PROBLEMS = {**LIST_PROBLEMS, **PRIVATE_PROBLEMS}
ACTIONS = {**PROBLEMS, **TOO_MANY}
TYPES = list(MEANINGS)


class DeliverySerializer(serializers.ModelSerializer):
    """One message to the address of a webhook."""

    state = serializers.SerializerMethodField()
    event = serializers.IntegerField(
        source="event_id", allow_null=True, help_text="Its id in the changes; null for a test."
    )
    last_answer = serializers.IntegerField(
        source="status", allow_null=True, help_text="HTTP status of the last try, null for none."
    )

    class Meta:
        model = Delivery
        fields = ["id", "message", "type", "event", "state", "created_at", "tries", "tried_at",
                  "last_answer", "fault", "sent_at", "due_at"]  # fmt: skip
        read_only_fields = fields

    def get_state(self, delivery) -> str:
        if delivery.sent_at:
            return "sent"
        return "waiting" if delivery.due_at else "given-up"


class WebhookSerializer(serializers.ModelSerializer):
    """A webhook of the partner. Its secret is never told again."""

    types = serializers.ListField(
        child=serializers.ChoiceField(TYPES), help_text="Empty: all types, also those to come."
    )
    active = serializers.BooleanField(source="is_active", help_text="Whether anything is sent.")
    old_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before signs as well."
    )
    deliveries = serializers.SerializerMethodField(help_text="The log of what was sent.")

    class Meta:
        model = Webhook
        fields = ["id", "url", "types", "description", "active", "created_at", "disabled_at",
                  "disabled_why", "old_secret_until", "deliveries"]  # fmt: skip
        read_only_fields = fields

    def get_deliveries(self, webhook) -> str:
        return api_url(self.context["request"], "webhook-deliveries", webhook.pk)


class WebhookWithSecretSerializer(WebhookSerializer):
    """A webhook with its secret, which is told this once."""

    secret = serializers.CharField(help_text="What messages are signed with, `whsec_…`.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class NewWebhookSerializer(serializers.Serializer):
    """What a webhook is to be."""

    url = serializers.URLField(max_length=500, help_text="It begins with https://.")
    types = serializers.ListField(
        child=serializers.ChoiceField(TYPES), required=False,
        help_text="Only these events. Empty, or without it: all.",
    )  # fmt: skip
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate_url(self, url):
        try:
            return keeping.checked_address(url)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error


class ChangedWebhookSerializer(NewWebhookSerializer):
    """What of a webhook is to be changed."""

    url = serializers.URLField(max_length=500, required=False)
    active = serializers.BooleanField(
        required=False, help_text="True has it work again, from the next event on."
    )


class WebhookView(PartnerView):
    scope = Scope.WEBHOOKS

    def webhook(self, ident: int) -> Webhook:
        """Return a webhook of the partner. Raises Http404."""
        return get_object_or_404(self.partner.webhooks, pk=ident)

    def told(self, webhook: Webhook, *, status: int = 200, with_secret: bool = False) -> Response:
        shape = WebhookWithSecretSerializer if with_secret else WebhookSerializer
        address = api_url(self.request, "webhook-detail", webhook.pk)
        data = shape(webhook, context={"request": self.request}).data
        return Response(data, status=status, headers={"Location": address} if with_secret else {})


class Webhooks(WebhookView, generics.GenericAPIView):
    filter_backends = []
    serializer_class = WebhookSerializer

    @described(
        operation_id="webhooks_list",
        parameters=PAGE,
        responses={200: WebhookSerializer(many=True), **PROBLEMS},
    )
    def get(self, request):
        """The partner's webhooks, without their secrets."""
        page = self.paginate_queryset(self.partner.webhooks.order_by("pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @described(
        operation_id="webhooks_create",
        request=NewWebhookSerializer,
        responses={201: WebhookWithSecretSerializer, **ACTIONS},
    )
    def post(self, request):
        """Have an address told of what happens from now on. The secret is told this once."""
        wanted = self.read(NewWebhookSerializer)
        try:
            webhook = keeping.make(self.partner, **wanted)
        except keeping.TooMany as error:
            raise Problem(409, str(error)) from error
        return self.told(webhook, status=201, with_secret=True)


class WebhookDetail(WebhookView):
    @described(operation_id="webhooks_retrieve", responses={200: WebhookSerializer, **PROBLEMS})
    def get(self, request, ident):
        """One webhook of the partner, without its secret."""
        return self.told(self.webhook(ident))

    @described(
        operation_id="webhooks_update",
        request=ChangedWebhookSerializer,
        responses={200: WebhookSerializer, **PROBLEMS},
    )
    def patch(self, request, ident):
        """Change the address, the types or the description, or enable and disable it."""
        webhook = self.webhook(ident)
        wanted = self.read(ChangedWebhookSerializer)
        active = wanted.pop("active", webhook.is_active)
        if wanted:
            keeping.set_values(webhook, **wanted)
        if active and not webhook.is_active:
            keeping.enable(webhook)
        elif not active:
            keeping.disable(webhook, "The partner disabled it.")
        return self.told(webhook)

    @described(operation_id="webhooks_delete", responses={204: None, **PROBLEMS})
    def delete(self, request, ident):
        """Delete a webhook and the log of what was sent there."""
        self.webhook(ident).delete()
        return Response(status=204)


class WebhookRotation(WebhookView):
    @described(
        operation_id="webhooks_rotate",
        request=RotationSerializer,
        responses={200: WebhookWithSecretSerializer, **PROBLEMS},
    )
    def post(self, request, ident):
        """Give a webhook a new secret. For as long as you say the old one signs as well."""
        webhook = self.webhook(ident)
        keeping.rotate(webhook, self.read(RotationSerializer)["overlap_hours"])
        return self.told(webhook, with_secret=True)


class WebhookTest(WebhookView):
    @described(
        operation_id="webhooks_test", request=None, responses={202: DeliverySerializer, **ACTIONS}
    )
    def post(self, request, ident):
        """Send a message of the type `webhook.test`. What became of it is in the log."""
        try:
            delivery = collecting.send_test(self.webhook(ident))
        except keeping.NotActive as error:
            raise Problem(409, str(error)) from error
        except keeping.TooMany as error:
            wait = collecting.TEST_PAUSE / timedelta(seconds=1)
            raise exceptions.Throttled(wait, str(error)) from error
        return Response(DeliverySerializer(delivery).data, status=202)


class WebhookDeliveries(WebhookView, generics.GenericAPIView):
    filter_backends = []
    serializer_class = DeliverySerializer

    @described(
        operation_id="webhooks_deliveries_list",
        parameters=PAGE,
        responses={200: DeliverySerializer(many=True), **PROBLEMS},
    )
    def get(self, request, ident):
        """What was sent to a webhook and what is still to be sent, newest first, for 30 days."""
        page = self.paginate_queryset(self.webhook(ident).deliveries.order_by("-pk"))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class DeliveryRetry(WebhookView):
    @described(
        operation_id="webhooks_deliveries_retry",
        request=None,
        responses={202: DeliverySerializer, **ACTIONS},
    )
    def post(self, request, ident, delivery):
        """Try a message that was not taken anew, as often as a new one; once in a minute.

        If the address asked for rest, it waits for the end of that.
        """
        found = self.webhook(ident).deliveries.filter(pk=delivery)
        kept = get_object_or_404(found)
        if wait := sending.wait_for_retry(kept):
            raise exceptions.Throttled(wait, "It was tried a moment ago.")
        if not sending.retry(found):
            raise Problem(409, "It was taken already, or the webhook is disabled.")
        kept.refresh_from_db()
        return Response(DeliverySerializer(kept).data, status=202)


urlpatterns = [
    path("webhooks/", Webhooks.as_view(), name="webhook-list"),
    path("webhooks/<int:ident>/", WebhookDetail.as_view(), name="webhook-detail"),
    path("webhooks/<int:ident>/rotate/", WebhookRotation.as_view(), name="webhook-rotate"),
    path("webhooks/<int:ident>/test/", WebhookTest.as_view(), name="webhook-test"),
    path(
        "webhooks/<int:ident>/deliveries/", WebhookDeliveries.as_view(), name="webhook-deliveries"
    ),
    path(
        "webhooks/<int:ident>/deliveries/<int:delivery>/retry/",
        DeliveryRetry.as_view(), name="delivery-retry",
    ),
]  # fmt: skip
