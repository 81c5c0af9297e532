-- Resources shared through RAM: AWS RAM resource shares that were created or extended, and whether they allow external principals.
-- tags: T1537, exfiltration, resource sharing
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'principals') AS with_whom, element_at(requestparameters, 'allowExternalPrincipals') AS outside_allowed
FROM main
WHERE eventsource = 'ram.amazonaws.com' AND eventname IN ('CreateResourceShare', 'AssociateResourceShare')
ORDER BY eventtime DESC
