"""Access to the API: keys of partners, limits, and how much was asked, in counts.

Reading needs no key. A key raises the limits, and lets its partner do what its scopes name. It is
sent as `Authorization: Bearer hscp_…` or `X-API-Key: hscp_…`; `middleware` looks at it before
anything else is done, so a wrong one is refused at every address of the API.
"""
