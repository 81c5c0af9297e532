-- Error message patterns: Error messages, grouped after ids, numbers and ARNs are replaced.
-- tags: error analysis, troubleshooting
SELECT errorcode, regexp_replace(errormessage, '[0-9a-f-]{8,}|[0-9]+|arn:\S+', '…') AS message_form, count(*) AS times, count(DISTINCT useridentity.arn) AS callers
FROM main
WHERE errormessage IS NOT NULL
GROUP BY 1, 2
ORDER BY times DESC
LIMIT 50
