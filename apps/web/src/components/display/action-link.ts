/** The look of a link that does what a page needs next, such as in an `EmptyState`. */
export const actionLink = 'font-semibold text-ember hover:text-ember-deep';
