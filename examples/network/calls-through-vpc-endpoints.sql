-- Calls through VPC endpoints: Calls that came through VPC endpoints, by endpoint and service.
-- tags: vpc endpoint, network path
SELECT vpcendpointid AS endpoint, eventsource, count(*) AS calls, count(DISTINCT useridentity.arn) AS callers
FROM main
WHERE vpcendpointid IS NOT NULL
GROUP BY 1, 2
ORDER BY calls DESC
