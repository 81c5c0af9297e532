-- Calls from an address range: Calls from the range 192.0.2.0/24. Replace it with your own CIDR range.
-- tags: threat hunting, indicators of compromise
SELECT sourceipaddress, useridentity.arn AS who, count(*) AS calls, min(eventtime) AS first_seen, max(eventtime) AS last_seen
FROM main
WHERE contains('192.0.2.0/24', TRY_CAST(sourceipaddress AS ipaddress))
GROUP BY 1, 2
ORDER BY calls DESC
