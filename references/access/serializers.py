"""Keys and usage as the API tells them."""

from datetime import timedelta

from django.utils import timezone
from rest_framework import serializers

from references.access.keys import LONGEST_OVERLAP, OVERLAP
from references.access.models import ApiKey, Scope

HOUR = timedelta(hours=1)


class KeySerializer(serializers.ModelSerializer):
    """A key of the partner. Its secret is never told again."""

    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    is_this = serializers.SerializerMethodField(help_text="Whether it is the one that was sent.")
    old_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before works; null if it does not."
    )
    works = serializers.BooleanField(help_text="False if it expired or was revoked.")

    class Meta:
        model = ApiKey
        fields = [
            "id", "name", "prefix", "scopes", "per_minute", "created_at", "expires_at",
            "revoked_at", "last_used_on", "old_secret_until", "works", "is_this",
        ]  # fmt: skip
        read_only_fields = fields

    def get_is_this(self, key) -> bool:
        return key.pk == self.context["request"].api_key.pk


class NewKeySerializer(serializers.Serializer):
    """What a key is to be."""

    name = serializers.CharField(max_length=100, help_text="What it is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), min_length=1,
        help_text="None that the key which asks does not have itself.",
    )  # fmt: skip
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True,
        help_text="Not later than the key which asks. Without it: when that does.",
    )  # fmt: skip

    def validate_expires_at(self, moment):
        if moment and moment <= timezone.now():
            raise serializers.ValidationError("It is in the past.")
        return moment


class KeyWithSecretSerializer(KeySerializer):
    """A key with what is to be sent, which is told this once."""

    key = serializers.SerializerMethodField(help_text="Send this. It is told this once.")

    class Meta(KeySerializer.Meta):
        fields = [*KeySerializer.Meta.fields, "key"]
        read_only_fields = fields

    def get_key(self, key) -> str:
        return self.context["told"]


class RotationSerializer(serializers.Serializer):
    """How a secret is replaced."""

    overlap_hours = serializers.IntegerField(
        min_value=0, max_value=LONGEST_OVERLAP // HOUR, default=OVERLAP // HOUR,
        help_text="How long the old secret works as well.",
    )  # fmt: skip

    def validate_overlap_hours(self, hours) -> timedelta:
        return hours * HOUR


class UsageRowSerializer(serializers.Serializer):
    """How many requests were made to an endpoint on a day."""

    day = serializers.DateField()
    endpoint = serializers.CharField(help_text="`too-many-requests` counts what was refused.")
    number = serializers.IntegerField()


class UsageSerializer(serializers.Serializer):
    """How much the partner asked, in counts."""

    first = serializers.DateField(help_text="The first day, in UTC.")
    last = serializers.DateField()
    total = serializers.IntegerField()
    results = UsageRowSerializer(many=True)
