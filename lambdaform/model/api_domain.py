"""Domain names of one's own for APIs, and the DNS records that lead to them.

Source: SAM Developer Guide, DomainConfiguration, HttpApiDomainConfiguration, Route53Configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from attrs import field
from attrs.converters import optional

from lambdaform.model.definition import frozen
from lambdaform.model.iam import DOCUMENT, Document, arn_of, to_policy_document
from lambdaform.model.references import Ref
from lambdaform.model.shape import Shape


@frozen
class MutualTlsAuthentication(Shape):
    """The certificates, in S3, of the authorities whose clients may connect."""

    truststore_uri: str | Ref[str]
    truststore_version: str | Ref[str] | None = field(default=None, kw_only=True)


@frozen(kw_only=True)
class Route53Configuration(Shape):
    """The hosted zone, by id or by name, in which SAM makes the domain's records. ``ip_v6`` adds AAAA records."""

    hosted_zone_id: str | Ref[str] | None = None
    hosted_zone_name: str | Ref[str] | None = None
    evaluate_target_health: bool | Ref[bool] | None = None
    ip_v6: bool | None = None
    distribution_domain_name: str | Ref[str] | None = None
    region: str | Ref[str] | None = None
    set_identifier: str | Ref[str] | None = None


@frozen(kw_only=True)
class ApiRoute53Configuration(Route53Configuration):
    """The same for a REST API, which may also lie behind a VPC endpoint."""

    separate_record_set_group: bool | None = None
    vpc_endpoint_domain_name: str | Ref[str] | None = None
    vpc_endpoint_hosted_zone_id: str | Ref[str] | None = None


@frozen
class AccessAssociation(Shape):
    """The VPC endpoint through which a private domain is reached."""

    vpc_endpoint_id: str | Ref[str]


@frozen(kw_only=True)
class ApiDomain(Shape):
    """A domain name of a REST API, with its certificate."""

    WRITTEN_AS: ClassVar[str | None] = "domain"

    domain_name: str | Ref[str]
    certificate_arn: str | Ref[str] = field(converter=arn_of)
    base_path: Sequence[str | Ref[str]] | str | Ref[Any] | None = None
    normalize_base_path: bool | None = None
    endpoint_configuration: Literal["REGIONAL", "EDGE", "PRIVATE"] | Ref[str] | None = None
    endpoint_access_mode: Literal["BASIC", "STRICT"] | Ref[str] | None = None
    ip_address_type: Literal["ipv4", "dualstack"] | Ref[str] | None = None
    security_policy: str | Ref[str] | None = None
    mutual_tls_authentication: MutualTlsAuthentication | Ref[Any] | None = None
    ownership_verification_certificate_arn: str | Ref[str] | None = None
    policy: Document | None = field(default=None, converter=optional(to_policy_document), metadata=DOCUMENT)
    access_association: AccessAssociation | Ref[Any] | None = None
    route53: ApiRoute53Configuration | Ref[Any] | None = None


@frozen(kw_only=True)
class HttpApiDomain(Shape):
    """A domain name of an HTTP or WebSocket API, with its certificate."""

    WRITTEN_AS: ClassVar[str | None] = "domain"

    domain_name: str | Ref[str]
    certificate_arn: str | Ref[str] = field(converter=arn_of)
    base_path: Sequence[str | Ref[str]] | Ref[Any] | None = None
    endpoint_configuration: Literal["REGIONAL"] | Ref[str] | None = None
    security_policy: str | Ref[str] | None = None
    mutual_tls_authentication: MutualTlsAuthentication | Ref[Any] | None = None
    ownership_verification_certificate_arn: str | Ref[str] | None = None
    route53: Route53Configuration | Ref[Any] | None = None
