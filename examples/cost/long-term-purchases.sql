-- Long-term purchases: Reserved Instances, Savings Plans and domains that were bought.
-- tags: commitments, billing
SELECT eventtime, useridentity.arn AS by_whom, eventname, eventsource, coalesce(element_at(requestparameters, 'domainName'), element_at(requestparameters, 'savingsPlanOfferingId'), element_at(requestparameters, 'reservedInstancesOfferingId')) AS what
FROM main
WHERE eventname IN ('PurchaseReservedInstancesOffering', 'PurchaseReservedDBInstancesOffering', 'CreateSavingsPlan', 'RegisterDomain', 'PurchaseReservedNodeOffering')
ORDER BY eventtime DESC
