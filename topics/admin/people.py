"""Accounts, roles and the queue of tasks, as Django and django-tasks-db make them, in our theme."""

import django_tasks_db.admin
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django_tasks_db.models import DBTaskResult
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

for model in (User, Group, DBTaskResult):
    admin.site.unregister(model)


@admin.register(User)
class AccountAdmin(UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    # Who administers accounts must not make a superuser of themselves, nor take over the account
    # of one: superusers may do what no role may.
    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    pass


@admin.register(DBTaskResult)
class TaskAdmin(django_tasks_db.admin.DBTaskResultAdmin, ModelAdmin):
    pass


def _may_touch(request, account: User | None) -> bool:
    return request.user.is_superuser or account is None or not account.is_superuser
