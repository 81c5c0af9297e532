-- Load balancers that were made, and whether the Internet reaches them.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS balancer, element_at(requestparameters, 'scheme') AS scheme
FROM main
WHERE eventsource = 'elasticloadbalancing.amazonaws.com' AND eventname = 'CreateLoadBalancer'
ORDER BY eventtime DESC
