import fc from 'fast-check';

// Else lists have ten items at most, whatever their `maxLength`.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });

export default fc;
