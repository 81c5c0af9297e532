-- Route changes: Routes that were created, replaced or deleted, with destination and gateway.
-- tags: route table, network changes
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'routeTableId') AS route_table, element_at(requestparameters, 'destinationCidrBlock') AS destination, element_at(requestparameters, 'gatewayId') AS gateway
FROM main
WHERE eventsource = 'ec2.amazonaws.com' AND eventname IN ('CreateRoute', 'ReplaceRoute', 'DeleteRoute')
ORDER BY eventtime DESC
