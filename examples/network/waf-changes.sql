-- WAF changes: AWS WAF web ACLs that were updated, deleted or detached from a resource.
-- tags: T1562.007, defense evasion, web application firewall
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS filter
FROM main
WHERE eventsource = 'wafv2.amazonaws.com' AND eventname IN ('UpdateWebACL', 'DeleteWebACL', 'DisassociateWebACL')
ORDER BY eventtime DESC
