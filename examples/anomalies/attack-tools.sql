-- Programs that name themselves as tools of attackers.
SELECT useragent, useridentity.arn AS who, sourceipaddress, count(*) AS calls, min(eventtime) AS since
FROM main
WHERE regexp_like(lower(useragent), 'kali|parrot|pentoo|pacu|cloudfox|scoutsuite|trufflehog')
GROUP BY 1, 2, 3
ORDER BY calls DESC
