-- What came from a range of addresses. Put your own range in the place of 192.0.2.0/24.
SELECT sourceipaddress, useridentity.arn AS who, count(*) AS calls, min(eventtime) AS first_seen, max(eventtime) AS last_seen
FROM main
WHERE contains('192.0.2.0/24', TRY_CAST(sourceipaddress AS ipaddress))
GROUP BY 1, 2
ORDER BY calls DESC
