export const formatCents = (cents: number): string => `€${(cents / 100).toFixed(2)}`;
