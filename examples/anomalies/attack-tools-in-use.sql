-- Attack tools in use: User agents of known attack and penetration-testing tools.
-- tags: T1526, reconnaissance, attack tools
SELECT useragent, useridentity.arn AS who, sourceipaddress, count(*) AS calls, min(eventtime) AS since
FROM main
WHERE regexp_like(lower(useragent), 'kali|parrot|pentoo|pacu|cloudfox|scoutsuite|trufflehog')
GROUP BY 1, 2, 3
ORDER BY calls DESC
