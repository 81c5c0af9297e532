-- Filters before web sites that were changed or removed.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS filter
FROM main
WHERE eventsource = 'wafv2.amazonaws.com' AND eventname IN ('UpdateWebACL', 'DeleteWebACL', 'DisassociateWebACL')
ORDER BY eventtime DESC
