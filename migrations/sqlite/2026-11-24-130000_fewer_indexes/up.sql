-- Rows of these two are deleted in the order in which they came, which their ids are: an index by age would only cost.
DROP INDEX charges_by_age;
DROP INDEX codes_by_expiry;
