-- Load balancers created: Load balancers that were created, with their scheme: internal or internet-facing.
-- tags: attack surface, load balancer
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'name') AS balancer, element_at(requestparameters, 'scheme') AS scheme
FROM main
WHERE eventsource = 'elasticloadbalancing.amazonaws.com' AND eventname = 'CreateLoadBalancer'
ORDER BY eventtime DESC
