-- Clients with outdated TLS versions: Callers that still use TLS 1.0 or 1.1, by user agent and service.
-- tags: outdated tls, compliance
SELECT tlsdetails.tlsversion, useridentity.arn AS who, useragent, eventsource, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE tlsdetails.tlsversion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1')
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC
