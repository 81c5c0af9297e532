-- Which calls came by an endpoint within a network, and for whom.
SELECT vpcendpointid AS endpoint, eventsource, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers
FROM main
WHERE vpcendpointid IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC
