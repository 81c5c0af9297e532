-- Resources that were shared with others by the resource access manager.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'principals') AS with_whom, element_at(requestparameters, 'allowExternalPrincipals') AS outside_allowed
FROM main
WHERE eventsource = 'ram.amazonaws.com' AND eventname IN ('CreateResourceShare', 'AssociateResourceShare')
ORDER BY eventtime DESC
