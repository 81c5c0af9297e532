-- Clients that still speak TLS 1.0 or 1.1.
SELECT tlsdetails.tlsversion, useridentity.arn AS who, useragent, eventsource, count(*) AS calls, max(eventtime) AS latest
FROM main
WHERE tlsdetails.tlsversion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1')
GROUP BY 1, 2, 3, 4
ORDER BY calls DESC
