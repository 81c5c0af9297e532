-- DNS record changes: Changes to Route 53 DNS records.
-- tags: T1584.001, domain hijacking, dns
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'hostedZoneId') AS zone, json_extract(element_at(requestparameters, 'changeBatch'), '$.changes') AS changes
FROM main
WHERE eventsource = 'route53.amazonaws.com' AND eventname = 'ChangeResourceRecordSets'
ORDER BY eventtime DESC
